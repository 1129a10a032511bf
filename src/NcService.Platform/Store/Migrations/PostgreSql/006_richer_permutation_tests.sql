-- Permutation tests with a direction, covariates, strata, an early end, and p-values adjusted by Westfall and Young.

ALTER TABLE "PermutationTests" ADD COLUMN "Design" text;
ALTER TABLE "PermutationTestRows" ADD COLUMN "PGreater" double precision;
ALTER TABLE "PermutationTestRows" ADD COLUMN "PLess" double precision;
ALTER TABLE "PermutationTestRows" ADD COLUMN "PWestfallYoung" double precision;
ALTER TABLE "PermutationTestRows" ADD COLUMN "StoppedEarly" boolean NOT NULL DEFAULT FALSE;
ALTER TABLE "PermutationTestRows" ADD COLUMN "StrataCount" integer NOT NULL DEFAULT 1;
ALTER TABLE "PermutationTestRows" ADD COLUMN "LeftOut" text;
