"""Ordinary words, so that a slip is not seen where there is none."""


def word_set(text: str) -> frozenset[str]:
    """Write down a set of words with spaces between them."""
    return frozenset(text.split())


PLAIN = word_set(
    """
    absent answer around beaten beating better bottle breaking button change change*
    changed changes changing closed closes closing coming concern congest* consol*
    continu* cramps decreas* degree* deliver* device disten* entire family father
    feeling feelings filling firing forced having headed hoarse* horse infect*
    ingest* intense living locked looking losing making medical mental* minutes
    missed missing moaning molest* months mother moving nearly nights normal nothing
    others packet parent* passed passes passing perine* planning playing prevent
    prevent* private pulled pushing quantity racing reading really rectal* running
    section seeing settle settled sharps showing smoked something spending spider
    spiked spotting sprain* stairs staple staples started status steady stones
    stopped stopping strong swelled swells taking talking things thirst* thoughts
    thriving through violen* visible waking walking wanting waters weeks weight
    winded window worked working
    """
)
"""Terms that must be written as they are: a slip makes other everyday words."""

SLIPS = {
    "agressive": "aggressive",
    "bleding": "bleeding",
    "bleedng": "bleeding",
    "blured": "blurred",
    "brething": "breathing",
    "bruse": "bruise",
    "chets": "chest",
    "chst": "chest",
    "cheast": "chest",
    "colaps": "collapse",
    "concusion": "concussion",
    "dizy": "dizzy",
    "dizyness": "dizziness",
    "faling": "falling",
    "feever": "fever",
    "feaver": "fever",
    "feavor": "fever",
    "fanting": "fainting",
    "hart": "heart",
    "headach": "headache",
    "headahce": "headache",
    "hedache": "headache",
    "pian": "pain",
    "pane": "pain",
    "puss": "pus",
    "sever": "severe",
    "hematurea": "hematuria",
    "diarrea": "diarrhea",
    "diarea": "diarrhea",
    "jaundise": "jaundice",
    "drooop": "droop",
    "paralisis": "paralysis",
    "tachycarda": "tachycardia",
    "feeeding": "feeding",
    "sincope": "syncope",
    "stoped": "stopped",
    "stomack": "stomach",
    "stomache": "stomachache",
    "storke": "stroke",
    "vommit": "vomit",
    "vommiting": "vomiting",
    "vommited": "vomited",
    "vomting": "vomiting",
    "weekness": "weakness",
    "wezing": "wheezing",
    "weezing": "wheezing",
}
"""Common misspellings that are too short, or too far off, to be one slip."""

REAL_WORDS = word_set(
    """
    actin aerial amused arose aspiring attach attached backed backing bagged ballet
    banded bangladeshi banned barley battles beach beaming beast beating bedding
    beech bitter blames blaster blending blight blocker blocking blooms bolster
    bombing branch branches brasil breach breached breaches breadth breath breathe
    breaths breeding bride bridget broker bugging bummed buried burying camping
    cancel cannon carson carton casually causing certain chance chang changes charge
    cheat cheats chewing childs chilli chopped clashed cleanser clearer cleaver
    clement clinic clipped coached collars collusion commando commend compete
    concerted concession condo condos confess confessed confession confusion
    congestions connecting contacting contest contestant contestants contested
    contesting contests contiguous contract contrasting contusion contusions
    convection cooked cooking cornell crashed crashing crises crisps crowding
    crusting curran deceased decree decrees defeat definite definitely definition
    definitions definitive definitively deflect deliberate deliberately deliberation
    deliberations delicious denial detect deterrent dialysis diameter diaphragm
    diluted dilution dining dissent dissenting dissertation doable doctor doctors
    doesn downing draper dripping driving dropped dropping drops dysphagia dysphagic
    easing ejection elected election equine erected evacuation expensive extremes
    extremism extremist faced faces facing factors fainter faking fallon fasting
    fatter fearing feeding feedings filming finder finer firearm flaming flatter
    flattering flooring flushes flushing forget fourier freeing gaping graces grades
    granting graphs grasping graves gravida handed handing hanger harding hardy
    haven heading headless healing heating herein heroic heroine heron herring
    hinged hinting hunter hunting hurling incidents infect infertility infested
    inject injection insert inspect insured invested investigate investigation
    investigations joins lander lauded leading leaning leaping leasing leaving
    legion legions lesson lessons lightening lighting looked looming looping looting
    lumber magneto manager marion marlon material medial mediation meditation mendes
    messes meyers moaning morning morrow mucus outset packed pakistani paraphrase
    parentheses partly passion patched patent patented patents peking percussion
    perimeter photon photons picked pinched planar planter platter plunged pocket
    poising poisson poking polling pooping present presented presenting presents
    preventing priced primate primates prison property proposal proposals propose
    proposed proposes proposing proposition propositions propped pulling purses
    quincy rabble radiotherapy raided rained rapping rapture reaching redress reflex
    repealed retailer retina reusable rumble sacked sacking scaled scales scents
    scooter scored scrap scrapped scream screening seasonal seasons seating seats
    second selling severe shading shaming shaping sharing shaving shelling shipped
    shitting shorter shouting shoved signed simple singled sings sinned sitting
    sizing skimming slapped slash slashing slowed slower smashed smelling sneezing
    soared soaring socks sorted spain spanning spelling spiral splashed split
    splitting sporting sprint sprinter squeaking stabled stacked stacking staffed
    stain started stated states steam steroids stinking stinks stinky stocked
    stocking stocks stoke stoked stokes stomach stopped stores stormy strained
    strait stranded strangely strangle streak streaming streams stride strife strike
    strikes stringent stringer strings stripe strive stronger strongest strongly
    stunts subversion suited swearing swears sweeping sweets swelled swings switches
    synopsis tables taping tapped tastes teaming teasing testers thinker thinkers
    thinking though thought threat thrice throne tinder tipped tipping topic topics
    topping touted trailing trapping tripled tropical tuned tuning turing typical
    unbeatable urethral usable valves varies venus version vices violet voicing
    waited waiting washes wasted whispering widow withdrew writing
    """
)
"""Words of their own, one slip from a term of the catalogue: never corrected."""
