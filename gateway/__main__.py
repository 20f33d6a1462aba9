"""`triage-gateway` and `python -m gateway`."""

import click

from gateway.cli.serve import serve


@click.group()
@click.version_option(package_name="triage-gateway")
def main() -> None:
    """Event-sourced FHIR R4 triage gateway. Not a medical device."""


main.add_command(serve)

if __name__ == "__main__":
    main()
