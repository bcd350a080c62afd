"""The kit for tests and exercises: small lakes, clocks, builders of packets and logs, helpers that tell a story."""
