ALTER TABLE "Jobs" ADD COLUMN "Turn" bigint NOT NULL DEFAULT 0;
ALTER TABLE "Jobs" ADD COLUMN "Paused" boolean NOT NULL DEFAULT FALSE;
ALTER TABLE "Jobs" ADD COLUMN "RunSeconds" double precision NOT NULL DEFAULT 0;
UPDATE "Jobs" SET "Turn" = "Id";
CREATE INDEX "IX_Jobs_Priority_Turn" ON "Jobs" ("Priority", "Turn");
