CREATE TABLE "Webhooks" (
    "Id" INTEGER NOT NULL CONSTRAINT "PK_Webhooks" PRIMARY KEY AUTOINCREMENT,
    "Url" TEXT NOT NULL,
    "Secret" TEXT NOT NULL,
    "CreatedBy" TEXT,
    "CreatedAt" TEXT NOT NULL
);
CREATE TABLE "WebhookDeliveries" (
    "Id" INTEGER NOT NULL CONSTRAINT "PK_WebhookDeliveries" PRIMARY KEY AUTOINCREMENT,
    "WebhookId" INTEGER NOT NULL,
    "JobId" INTEGER NOT NULL,
    "FinishedAt" TEXT NOT NULL,
    "Attempts" INTEGER NOT NULL,
    "NextAttemptAt" TEXT,
    "DeliveredAt" TEXT,
    "LastError" TEXT,
    CONSTRAINT "FK_WebhookDeliveries_Jobs_JobId" FOREIGN KEY ("JobId") REFERENCES "Jobs" ("Id") ON DELETE CASCADE,
    CONSTRAINT "FK_WebhookDeliveries_Webhooks_WebhookId" FOREIGN KEY ("WebhookId") REFERENCES "Webhooks" ("Id") ON DELETE CASCADE
);
CREATE INDEX "IX_Jobs_FinishedAt" ON "Jobs" ("FinishedAt");
CREATE INDEX "IX_WebhookDeliveries_JobId" ON "WebhookDeliveries" ("JobId");
CREATE INDEX "IX_WebhookDeliveries_NextAttemptAt" ON "WebhookDeliveries" ("NextAttemptAt");
CREATE UNIQUE INDEX "IX_WebhookDeliveries_WebhookId_JobId_FinishedAt" ON "WebhookDeliveries" ("WebhookId", "JobId", "FinishedAt");
