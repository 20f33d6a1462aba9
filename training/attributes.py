"""The source attributes of a predictive decision support intervention: 31, in order.

Final rule HTI-1 of the US Office of the National Coordinator, 45 CFR
170.315(b)(11)(iv)(B), 89 FR 1192 (9 January 2024). "Demographics" below are the
variables of (b)(11)(iv)(A)(5) to (13): race, ethnicity, language, sexual orientation,
gender identity, sex, date of birth, social determinants of health, health status
assessments.
"""

from dataclasses import dataclass
from typing import Final


@dataclass(frozen=True, kw_only=True)
class Group:
    """A group of attributes: its title, and name by key in the regulation's order."""

    title: str
    attributes: dict[str, str]


GROUPS: Final = (
    Group(
        title="Details and output of the intervention",
        attributes={
            "developer": "Name and contact information for the intervention developer",
            "funding": "Funding source of the technical implementation for the"
            " intervention's development",
            "value": "Description of value that the intervention produces as an output",
            "output": "Whether the output is a prediction, classification,"
            " recommendation, evaluation, analysis, or other type of output",
        },
    ),
    Group(
        title="Purpose of the intervention",
        attributes={
            "use": "Intended use of the intervention",
            "patients": "Intended patient populations for the intervention's use",
            "users": "Intended users",
            "role": "Intended decision-making role for which the intervention was"
            " designed to be used (informs, augments, replaces clinical management)",
        },
    ),
    Group(
        title="Cautioned out-of-scope use of the intervention",
        attributes={
            "cautions": "Description of tasks, situations, or populations where a user"
            " is cautioned against applying the intervention",
            "risks": "Known risks, inappropriate settings, inappropriate uses, or known"
            " limitations",
        },
    ),
    Group(
        title="Intervention development details and input features",
        attributes={
            "criteria": "Exclusion and inclusion criteria that influenced the training"
            " data set",
            "inputs": "Use of demographics as input features",
            "representativeness": "Description of demographic representativeness,"
            " including those used as input features",
            "relevance": "Description of relevance of training data to intended"
            " deployed setting",
        },
    ),
    Group(
        title="Process used to ensure fairness in development of the intervention",
        attributes={
            "fairness": "Description of the approach the developer has taken to ensure"
            " that the intervention's output is fair",
            "bias": "Description of approaches to manage, reduce, or eliminate bias",
        },
    ),
    Group(
        title="External validation process",
        attributes={
            "external_source": "Description of the data source, clinical setting, or"
            " environment where validity and fairness have been assessed, other than"
            " the source of training and testing data",
            "external_party": "Party that conducted the external testing",
            "external_representativeness": "Description of demographic"
            " representativeness of external data, including those used as input"
            " features",
            "external_process": "Description of external validation process",
        },
    ),
    Group(
        title="Quantitative measures of performance",
        attributes={
            "validity_same": "Validity of intervention in test data derived from the"
            " same source as the initial training data",
            "fairness_same": "Fairness of intervention in test data derived from the"
            " same source as the initial training data",
            "validity_external": "Validity of intervention in data external to or from"
            " a different source than the initial training data",
            "fairness_external": "Fairness of intervention in data external to or from"
            " a different source than the initial training data",
            "outcomes": "References to evaluation of use of the intervention on"
            " outcomes",
        },
    ),
    Group(
        title="Ongoing maintenance of intervention implementation and use",
        attributes={
            "validity_monitored": "Description of process and frequency by which the"
            " intervention's validity is monitored over time",
            "validity_local": "Validity of intervention in local data",
            "fairness_monitored": "Description of the process and frequency by which"
            " the intervention's fairness is monitored over time",
            "fairness_local": "Fairness of intervention in local data",
        },
    ),
    Group(
        title="Update and continued validation or fairness assessment schedule",
        attributes={
            "updated": "Description of process and frequency by which the intervention"
            " is updated",
            "corrected": "Description of frequency by which the intervention's"
            " performance is corrected when risks related to validity and fairness are"
            " identified",
        },
    ),
)
KEYS: Final = tuple(key for group in GROUPS for key in group.attributes)
