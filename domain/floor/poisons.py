"""Words and codes of what was swallowed, inhaled or taken, and of withdrawal."""

from domain.floor.concepts import Concept, concept

POISONS: tuple[Concept, ...] = (
    concept(
        "overdose",
        """
        overdos*; od !eye|vision|right
        took|taken|swallowed whole|entire|bottle|packet|handful pills|tablets|meds|
            bottle
        snorted|injected|smoked heroin|cocaine|fentanyl|meth*; fentanyl|heroin use*
        narcan|naloxone given|gave|used; alcohol poisoning
        took|taken|swallowed|ingested too many|much pills|tablets|meds
        poisoning|poisoned !food|ivy|oak; carbon monoxide !alarm*; intoxicat* drug|drugs
        ingest*|swallowed|drank|drunk|drinking bleach|poison|antifreeze|pesticide|
            detergent|pills|tablets|paracetamol|acetaminophen|lye|gasoline|kerosene
        """,
        snomed="55680006",
        icd10="T36 T37 T38 T39 T40 T41 T42 T43 T44 T45 T46 T47 T48 T49 T50 T51 T56 T58",
    ),
    concept(
        "ingested-battery",
        """
        battery|batteries|magnet|magnets swallow*|ingest*|ate|eaten|nose|ear|throat|
            nostril|mouth|esophag*
        """,
    ),
    concept(
        "swallowed-object",
        """
        foreign fb body ingest*|swallow*; =foreign body ingestion; fb|foreign ingest*|
            swallow*
        swallowed|swallow coin|bone|fishbone|pin|nail|screw|toy|object|glass|marble|
            dentures|razor|needle|ring|button
        fish|chicken bone throat|stuck|swallow*
        food|meat|steak stuck|impacted|impaction|bolus
        fb|foreign esophag*|oesophag*|throat|stomach|pharyn*|hypopharyn*
        """,
        icd10="T18",
    ),
    concept(
        "withdrawal",
        """
        alcohol|etoh|benzo|benzodiazepine* withdraw*; delirium tremens; dts
        withdraw* shak*|tremor*|tremulous|seizure|seizures|hallucinat*|sweating
        ~stopped|quit drinking shak*|tremor*|tremulous|sweating|hallucinat*
        """,
        icd10="F1023 F1093 F103 F104",
    ),
    concept(
        "intoxication",
        """
        intoxicat*; drunk; etoh; inebriat*; alcohol smell|use|abuse|drinking|beverage
        =high on
        """,
        snomed="25702006",
        icd10="F1012 F1092 F100",
    ),
)
