"""The outside world: command line, web, chat, files. The one place where parts are wired together."""
