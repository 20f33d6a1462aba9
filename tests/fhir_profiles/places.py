"""Where a resource can be changed by a test that changes it anywhere."""


def places(content):
    """Return every place of a resource: what holds it, and its name or number there."""
    found = []
    children = content.items() if isinstance(content, dict) else enumerate(content)
    for key, child in children:
        found.append((content, key))
        if isinstance(child, dict | list):
            found += places(child)
    return found
