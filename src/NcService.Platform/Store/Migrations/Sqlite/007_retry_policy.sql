-- A job that its surroundings fail is tried again later: how often it was, how often it may be, and when the next try is due.
ALTER TABLE "Jobs" ADD COLUMN "FailedTries" INTEGER NOT NULL DEFAULT 0;
ALTER TABLE "Jobs" ADD COLUMN "MaximumTries" INTEGER NOT NULL DEFAULT 5;
ALTER TABLE "Jobs" ADD COLUMN "NextTryAt" TEXT;
