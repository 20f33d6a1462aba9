"""Measuring floor and model on labelled cases, offline and beside the service."""
