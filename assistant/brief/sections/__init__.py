"""The sections of an account brief, one small module each: an account in, a Section out."""
