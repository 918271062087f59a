"""TLS and sockets: who is served, with which certificate."""
