"""The servers that ours is measured beside, each in the idiom of its own documentation."""
