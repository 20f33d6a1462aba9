"""The sender's side: files of Bundles to a gateway, over HTTP like any other sender."""
