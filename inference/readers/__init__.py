"""Files to blocks, by one reader for each format; none trusts what it is given."""
