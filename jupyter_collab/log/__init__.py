"""The truth: one durable log per conversation (see `base.Log`)."""
