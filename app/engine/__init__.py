"""Where asks run: fair turns, shared passes, joined and cached answers, prompt cancellation."""
