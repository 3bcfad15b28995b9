"""The Slack door. What happens in Slack is stored first and answered after; the only door to slack-bolt."""
