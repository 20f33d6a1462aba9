"""Words and codes of limbs and of the spine."""

from domain.floor.concepts import Concept, concept

_LIMB = "leg|arm|foot|hand|limb|finger|fingers|toe|toes"

LIMBS: tuple[Concept, ...] = (
    concept(
        "limb-ischaemia",
        f"""
        cold|blue|pulseless|white|dusky {_LIMB} pain*|pulse*|pale|numb*
        cold numb|pale leg|arm|foot|hand; sudden* cold leg|arm|foot|hand
        pulseless leg|arm|foot|hand|limb; limb|leg ischemi*|ischaemi*
        ~dusky|blue|white toes|fingers|foot|hand pain*|numb*|cold !cast
        cold blue leg|arm|foot|hand|limb; no pulse|pulses foot|leg|hand|arm|wrist|ankle
        cold painful leg|arm|foot|hand
        cannot|cant|unable feel|find pulse foot|leg|hand|arm
        =cold leg; =cold foot; =cold arm; =cool leg; =cool foot; =dusky foot
        """,
        icd10="I743 I742 T79A I7021",
    ),
    concept(
        "compartment-syndrome",
        """
        compartment syndrome
        cast|splint|plaster tight|tightness|swollen|swelling|squeez*|pressure numb*|
            tingl*|pins|worse|worsening|severe|blue|pain*
        cast|splint|plaster numb*|tingl*|pins|burning|blue|cold|pale
        numb*|tingl* inside cast|splint|plaster
        ~cast|splint|plaster tight|tightness|swollen numb*|tingl*|blue|pain*|worse
        ~tense|swollen|tight fracture|crush*|cast|splint severe|numb*|tingl*|worse
        tight|swollen|tense|squeezed|pressure inside|under cast|splint|plaster
        leg|arm|forearm|calf|foot|hand swollen|tense fracture|crush* numb*|tingl*|severe
        calf|leg|forearm tense|rock|hard pain* stretch*|crush*|fracture|swollen
        """,
        icd10="M79A T79A",
    ),
    concept(
        "open-fracture",
        """
        open|compound fracture|fx|break; bone|bones sticking|protruding|visible|out|
            through|exposed !fish|chicken|throat
        """,
    ),
    concept(
        "hip-fracture",
        """
        hip|femur|pelvis|pelvic|femoral fracture|fractured|fx|broken|broke
        ~fell|fall hip cannot|cant|unable stand|walk|bear
        leg shortened|short rotated; cannot|cant|unable stand|walk|bear fell|fall hip
        """,
        icd10="S72 S32",
    ),
    concept(
        "cauda-equina",
        """
        saddle numb*|anaesthesia|anesthesia|paraesthesia|paresthesia; cauda equina
        numb* groin|perine*|genital*|buttocks|saddle|private* back|legs|bladder|pee|
            urin*
        back pain|hurts cannot|cant|unable urinate|pee|walk
        back incontinen*|retention; incontinen* back pain
        ~back pain lost|loss|incontinen*|retention bladder|bowel|urin*|control
        lost|loss bladder|bowel control|function back|legs|numb*
        numb* genital*|groin|perine*|saddle|private*|buttocks
        cord compression
        """,
        icd10="G834 G952",
    ),
    concept(
        "spinal-injury",
        """
        neck|spine|spinal|back injury|injured|broken|fracture|trauma|fell|fall|dived|
            diving|
            diving|crash|accident numb*|weak*|tingl*|paraly*|move
        ~neck|spine|back broken|broke|injury|injured|fracture* weak*|numb*|tingl*|move
        ~fell|fall|dived|dove|diving cannot|cant|unable move|feel legs|arms
        ~dived|dove|diving shallow|pool|lake head|neck
        spinal cord injury; cervical|neck|spine|spinal|vertebra* fracture|fractured|fx
        dived|diving|dove shallow neck|head
        cannot|cant|unable move legs|arms fell|fall|
            crash|accident|injury
        """,
        icd10="S12 S13 S14 S24 S34",
    ),
    concept(
        "hot-joint",
        """
        septic arthritis; hot|red swollen joint|knee|elbow|hip|wrist|ankle
        ~joint|knee|elbow|hip|wrist|ankle|shoulder swollen|swelling fever*
        prosthetic joint infect*|red|hot
        """,
        icd10="M00",
    ),
    concept(
        "necrotising-infection",
        """
        necrotizing|necrotising; fasciitis !plantar; fournier*; gas gangrene
        crepitus skin
        rapidly|quickly|fast spreading|spread redness|red|cellulitis|rash|infection
        skin turning|turned black|purple pain*; gangren* wet|fever
        """,
        icd10="M726 A480 N493",
    ),
    concept("fall", "fall !asleep; fell !asleep; fallen; falls !asleep", icd10="W0 W1"),
)
