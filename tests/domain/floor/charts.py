"""A small paediatric chart, made up: a heart rate above 100 asks for level 2."""

from decimal import Decimal

from domain.chart import Chart, ChartBand, Escalation, Scored, Step
from domain.values import Acuity, VitalName

CHART = Chart(
    name="Chart",
    version="1",
    citation="Test",
    bands=(
        ChartBand(
            least_days=0,
            end_days=5844,
            scored=(
                Scored(
                    vital=VitalName.HEART_RATE,
                    steps=(
                        Step(most=Decimal(100), points=0),
                        Step(most=None, points=4),
                    ),
                ),
            ),
        ),
    ),
    escalations=(Escalation(acuity=Acuity.EMERGENT, total=4),),
)
