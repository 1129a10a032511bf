-- Permutation tests with a direction, covariates, strata, an early end, and p-values adjusted by Westfall and Young.

ALTER TABLE "PermutationTests" ADD COLUMN "Design" TEXT NULL;
ALTER TABLE "PermutationTestRows" ADD COLUMN "PGreater" REAL NULL;
ALTER TABLE "PermutationTestRows" ADD COLUMN "PLess" REAL NULL;
ALTER TABLE "PermutationTestRows" ADD COLUMN "PWestfallYoung" REAL NULL;
ALTER TABLE "PermutationTestRows" ADD COLUMN "StoppedEarly" INTEGER NOT NULL DEFAULT 0;
ALTER TABLE "PermutationTestRows" ADD COLUMN "StrataCount" INTEGER NOT NULL DEFAULT 1;
ALTER TABLE "PermutationTestRows" ADD COLUMN "LeftOut" TEXT NULL;
