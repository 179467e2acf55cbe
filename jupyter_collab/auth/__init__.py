"""Who is asking: from the server's own identity to a member of a conversation.

Must not know what the member wants to do. Nobody becomes a member here whom the server's
IdentityProvider did not name.
"""
