-- What people note beside studies and runs: tags, separated by commas, and free text.
ALTER TABLE "Studies" ADD COLUMN "Tags" TEXT NOT NULL DEFAULT '';
ALTER TABLE "Runs" ADD COLUMN "Tags" TEXT NOT NULL DEFAULT '';
ALTER TABLE "Runs" ADD COLUMN "Notes" TEXT NULL;
