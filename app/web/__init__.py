"""HTTP and WebSocket routes, pages and security. Thin: it parses, asks the engine, and writes answers."""
