"""What an auditor asks of a data folder."""
