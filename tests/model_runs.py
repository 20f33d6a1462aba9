"""A model's run that says as little as one can, for tests to change."""

from domain.answers import ModelIdentity, ModelRun, Sampling

RUN = ModelRun(
    model=ModelIdentity(name="m", weights="w", server="s"),
    shadow=False,
    prompt_version="1",
    prompt_sha256="p",
    schema_sha256="s",
    sampling=Sampling(temperature=0.0, seed=0, max_tokens=9),
    index="i",
    passages=(),
    answer="{}",
    finish="stop",
    milliseconds=1,
)
