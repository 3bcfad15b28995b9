"""Reads questions: the tagger says which words do what, the links say which records they mean, `assemble` puts a Question together."""
