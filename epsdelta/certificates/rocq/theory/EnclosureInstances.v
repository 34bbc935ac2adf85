(** The enclosure checker in two arithmetics: mantissas in Z (standard axioms only), and machine-word big integers (faster, trusts Coq's 63-bit words). *)
From EpsDelta Require Import Enclosure.
From Interval Require Import Float.Specific_ops Float.Specific_bigint Float.Specific_stdz.

Module SFZ := SpecificFloat StdZRadix2.
Module EncZ := Checker SFZ.
Module SFBI2 := SpecificFloat BigIntRadix2.
Module EncB := Checker SFBI2.
