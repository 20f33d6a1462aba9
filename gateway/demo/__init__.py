"""The demonstration: invented patients, an EHR that sends them, a nurse who decides.

It speaks to the gateway as anybody else does: over HTTP and the command line.
"""
