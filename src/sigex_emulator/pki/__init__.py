"""The test authority: certificates, people's numbers, signatures, revocation."""
