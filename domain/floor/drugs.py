"""Ingredients by name, RxNorm and ATC, and the classes that checks speak of.

The list is closed and small: the ingredients that the checks of `drug_checks` need.
RxNorm codes are those of ingredients; an ATC code stands for all that lies below it.
"""

from dataclasses import dataclass

LIST_VERSION = "1"
"""Raised with every change of the ingredients, classes, pairs and groups."""


@dataclass(frozen=True, kw_only=True)
class Drug:
    """One ingredient: its RxNorm and ATC codes, its names, and its classes."""

    ingredient: str
    rxnorm: str
    atc: tuple[str, ...]
    names: tuple[str, ...]
    classes: frozenset[str]


# ingredient [, brand]... | RxNorm | ATC codes | classes
_TABLE = """
phenelzine, nardil | 8123 | N06AF03 | maoi
tranylcypromine, parnate | 10734 | N06AF04 | maoi
selegiline | 9639 | N04BD01 | maoi
rasagiline | 134748 | N04BD02 | maoi
linezolid, zyvox | 190376 | J01XX08 | maoi
fluoxetine, prozac | 4493 | N06AB03 | ssri
sertraline, zoloft | 36437 | N06AB06 | ssri
paroxetine, paxil | 32937 | N06AB05 | ssri
citalopram, celexa | 2556 | N06AB04 | ssri qt
escitalopram, lexapro | 321988 | N06AB10 | ssri qt
fluvoxamine | 42355 | N06AB08 | ssri cyp1a2-inhibitor
amitriptyline, elavil | 704 | N06AA09 | tricyclic
nortriptyline, pamelor | 7531 | N06AA10 | tricyclic
amphetamine, adderall | 725 | N06BA01 N06BA02 | amphetamine
methylphenidate, ritalin, concerta | 6901 | N06BA04 | amphetamine
sumatriptan, imitrex | 37418 | N02CC01 | triptan
rizatriptan, maxalt | 88014 | N02CC04 | triptan
meperidine, pethidine, demerol | 6754 | N02AB02 | opioid serotonergic-opioid
tramadol, ultram | 10689 | N02AX02 | opioid serotonergic-opioid
methadone | 6813 | N07BC02 | opioid serotonergic-opioid qt
fentanyl, duragesic | 4337 | N02AB03 | opioid serotonergic-opioid
morphine | 7052 | N02AA01 | opioid
oxycodone, oxycontin, percocet | 7804 | N02AA05 | opioid
hydrocodone, vicodin, norco | 5489 | | opioid
hydromorphone, dilaudid | 3423 | N02AA03 | opioid
codeine | 2670 | N02AJ06 R05DA04 | opioid
diazepam, valium | 3322 | N05BA01 | benzodiazepine
lorazepam, ativan | 6470 | N05BA06 | benzodiazepine
alprazolam, xanax | 596 | N05BA12 | benzodiazepine
clonazepam, klonopin | 2598 | N03AE01 | benzodiazepine
atazanavir, reyataz | 343047 | J05AE08 | protease-inhibitor atazanavir
ritonavir, norvir, paxlovid | 85762 | J05AE03 | protease-inhibitor cyp3a4-inhibitor
omeprazole, prilosec | 7646 | A02BC01 | ppi
pantoprazole, protonix | 40790 | A02BC02 | ppi
esomeprazole, nexium | 283742 | A02BC05 | ppi
lansoprazole, prevacid | 17128 | A02BC03 | ppi
azathioprine, imuran | 1256 | L04AX01 | thiopurine
mercaptopurine | 103 | L01BB02 | thiopurine
allopurinol | 519 | M04AA01 | xanthine-oxidase-inhibitor
febuxostat, uloric | 73689 | M04AA03 | xanthine-oxidase-inhibitor
irinotecan | 51499 | L01CE02 | irinotecan
clarithromycin, biaxin | 21212 | J01FA09 | cyp3a4-inhibitor qt
erythromycin | 4053 | J01FA01 | cyp3a4-inhibitor qt
ketoconazole | 6135 | J02AB02 | cyp3a4-inhibitor
itraconazole | 28031 | J02AC02 | cyp3a4-inhibitor
voriconazole | 121243 | J02AC03 | cyp3a4-inhibitor
simvastatin, zocor | 36567 | C10AA01 | statin cyp3a4-statin
lovastatin | 6472 | C10AA02 | statin cyp3a4-statin
atorvastatin, lipitor | 83367 | C10AA05 | statin
rosuvastatin, crestor | 301542 | C10AA07 | statin
ergotamine | 4025 | N02CA02 | ergot
rifampin, rifampicin | 9384 | J04AB02 | cyp3a4-inducer
tizanidine, zanaflex | 57258 | M03BX02 | tizanidine
ciprofloxacin, cipro | 2551 | J01MA02 | cyp1a2-inhibitor qt
levofloxacin, levaquin | 82122 | J01MA12 | qt
moxifloxacin | 139462 | J01MA14 | qt
azithromycin, zithromax | 18631 | J01FA10 | qt
amiodarone | 703 | C01BD01 | qt
sotalol | 9947 | C07AA07 | qt beta-blocker
haloperidol, haldol | 5093 | N05AD01 | qt
ondansetron, zofran | 26225 | A04AA01 | qt
sildenafil, viagra | 136411 | G04BE03 | pde5
tadalafil, cialis | 358263 | G04BE08 | pde5
nitroglycerin, nitrostat | 4917 | C01DA02 | nitrate
isosorbide, imdur | 6058 | C01DA08 C01DA14 | nitrate
warfarin, coumadin | 11289 | B01AA03 | anticoagulant
apixaban, eliquis | 1364430 | B01AF02 | anticoagulant
rivaroxaban, xarelto | 1114195 | B01AF01 | anticoagulant
dabigatran, pradaxa | | B01AE07 | anticoagulant
edoxaban | 1599538 | B01AF03 | anticoagulant
enoxaparin, lovenox | 67108 | B01AB05 | anticoagulant
ibuprofen, advil, motrin | 5640 | M01AE01 | nsaid
naproxen, aleve | 7258 | M01AE02 | nsaid
diclofenac, voltaren | 3355 | M01AB05 | nsaid
ketorolac, toradol | 35827 | M01AB15 | nsaid
indomethacin, indometacin | 5781 | M01AB01 | nsaid
meloxicam, mobic | 41493 | M01AC06 | nsaid
celecoxib, celebrex | 140587 | M01AH01 | nsaid
aspirin, acetylsalicylic | 1191 | N02BA01 B01AC06 | aspirin
methotrexate | 6851 | L04AX03 L01BA01 | methotrexate
trimethoprim, bactrim, septra, cotrimoxazole | 10829 | J01EA01 J01EE01 | trimethoprim
sulfamethoxazole, bactrim, septra, cotrimoxazole | 10180 | J01EE01 | sulfonamide
sulfadiazine | 10171 | J01EC02 | sulfonamide
penicillin | 7984 | J01CE | penicillin
amoxicillin, augmentin, amoxil | 723 | J01CA04 J01CR02 | penicillin
ampicillin, unasyn | 733 | J01CA01 J01CR01 | penicillin
piperacillin, zosyn, tazocin | 8339 | J01CR05 | penicillin
flucloxacillin | | J01CF05 | penicillin
cephalexin, cefalexin, keflex | 2231 | J01DB01 | cephalosporin
cefazolin | 2180 | J01DB04 | cephalosporin
cefuroxime | 2194 | J01DC02 | cephalosporin
ceftriaxone, rocephin | 2193 | J01DD04 | cephalosporin
metoprolol, lopressor, toprol | 6918 | C07AB02 | beta-blocker
atenolol | 1202 | C07AB03 | beta-blocker
bisoprolol | 19484 | C07AB07 | beta-blocker
carvedilol, coreg | 20352 | C07AG02 | beta-blocker
propranolol | 8787 | C07AA05 | beta-blocker
lisinopril, zestril | 29046 | C09AA03 | ace-inhibitor
enalapril | 3827 | C09AA02 | ace-inhibitor
ramipril | 35296 | C09AA05 | ace-inhibitor
"""


def _drug(line: str) -> Drug:
    names, rxnorm, atc, classes = (part.strip() for part in line.split("|"))
    every = tuple(name.strip() for name in names.split(","))
    return Drug(
        ingredient=every[0],
        rxnorm=rxnorm,
        atc=tuple(atc.split()),
        names=every,
        classes=frozenset(classes.split()),
    )


DRUGS: tuple[Drug, ...] = tuple(map(_drug, filter(str.strip, _TABLE.splitlines())))
