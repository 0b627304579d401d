"""Every kind of check, in one class each."""
