"""Theorems and certificates in the language of the Rocq prover (formerly Coq); ``theory/`` holds the proofs."""
