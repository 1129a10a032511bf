-- The first schema: datasets, studies, runs, checkpoints, analyses, permutation tests, jobs, workers, tokens.

CREATE TABLE "ApiTokens" (
    "Id" INTEGER NOT NULL CONSTRAINT "PK_ApiTokens" PRIMARY KEY AUTOINCREMENT,
    "Name" TEXT NOT NULL,
    "Hash" TEXT NOT NULL,
    "Scopes" TEXT NOT NULL,
    "CreatedAt" TEXT NOT NULL,
    "ExpiresAt" TEXT NULL,
    "RevokedAt" TEXT NULL,
    "LastUsedAt" TEXT NULL
);

CREATE TABLE "Jobs" (
    "Id" INTEGER NOT NULL CONSTRAINT "PK_Jobs" PRIMARY KEY AUTOINCREMENT,
    "Kind" TEXT NOT NULL,
    "State" TEXT NOT NULL,
    "Priority" INTEGER NOT NULL,
    "Parameters" TEXT NOT NULL,
    "StudyId" INTEGER NULL,
    "Attempt" INTEGER NOT NULL,
    "ProcessDeaths" INTEGER NOT NULL,
    "Progress" REAL NOT NULL,
    "ProgressText" TEXT NULL,
    "TokensPerSecond" REAL NULL,
    "ExpectedAt" TEXT NULL,
    "Error" TEXT NULL,
    "CancelRequested" INTEGER NOT NULL,
    "RequestedBy" TEXT NULL,
    "IdempotencyKey" TEXT NULL,
    "WorkerName" TEXT NULL,
    "CreatedAt" TEXT NOT NULL,
    "StartedAt" TEXT NULL,
    "FinishedAt" TEXT NULL,
    "HeartbeatAt" TEXT NULL,
    "ProgressAt" TEXT NULL
);

CREATE TABLE "Workers" (
    "Name" TEXT NOT NULL CONSTRAINT "PK_Workers" PRIMARY KEY,
    "Host" TEXT NOT NULL,
    "ProcessId" INTEGER NOT NULL,
    "Device" TEXT NOT NULL,
    "MemoryBytes" INTEGER NOT NULL,
    "CurrentJobId" INTEGER NULL,
    "StartedAt" TEXT NOT NULL,
    "HeartbeatAt" TEXT NOT NULL
);

CREATE TABLE "Datasets" (
    "Id" INTEGER NOT NULL CONSTRAINT "PK_Datasets" PRIMARY KEY AUTOINCREMENT,
    "Name" TEXT NOT NULL,
    "Specification" TEXT NOT NULL,
    "ArtifactPath" TEXT NULL,
    "Hash" TEXT NULL,
    "VocabularySize" INTEGER NULL,
    "ContextLength" INTEGER NOT NULL,
    "TrainChunks" INTEGER NULL,
    "ValidationChunks" INTEGER NULL,
    "CreatedAt" TEXT NOT NULL,
    "JobId" INTEGER NULL,
    CONSTRAINT "FK_Datasets_Jobs_JobId" FOREIGN KEY ("JobId") REFERENCES "Jobs" ("Id")
);

CREATE TABLE "JobDependencies" (
    "JobId" INTEGER NOT NULL,
    "DependsOnJobId" INTEGER NOT NULL,
    CONSTRAINT "PK_JobDependencies" PRIMARY KEY ("JobId", "DependsOnJobId"),
    CONSTRAINT "FK_JobDependencies_Jobs_DependsOnJobId" FOREIGN KEY ("DependsOnJobId") REFERENCES "Jobs" ("Id") ON DELETE CASCADE,
    CONSTRAINT "FK_JobDependencies_Jobs_JobId" FOREIGN KEY ("JobId") REFERENCES "Jobs" ("Id") ON DELETE CASCADE
);

CREATE TABLE "Studies" (
    "Id" INTEGER NOT NULL CONSTRAINT "PK_Studies" PRIMARY KEY AUTOINCREMENT,
    "Name" TEXT NOT NULL,
    "Notes" TEXT NULL,
    "Definition" TEXT NULL,
    "ImportedFrom" TEXT NULL,
    "DatasetId" INTEGER NULL,
    "RequestedBy" TEXT NULL,
    "IdempotencyKey" TEXT NULL,
    "CreatedAt" TEXT NOT NULL,
    CONSTRAINT "FK_Studies_Datasets_DatasetId" FOREIGN KEY ("DatasetId") REFERENCES "Datasets" ("Id")
);

CREATE TABLE "PermutationTests" (
    "Id" INTEGER NOT NULL CONSTRAINT "PK_PermutationTests" PRIMARY KEY AUTOINCREMENT,
    "StudyId" INTEGER NOT NULL,
    "RunIds" TEXT NOT NULL,
    "Description" TEXT NOT NULL,
    "Outcome" TEXT NOT NULL,
    "Permutations" INTEGER NOT NULL,
    "Seed" INTEGER NOT NULL,
    "CreatedAt" TEXT NOT NULL,
    "JobId" INTEGER NULL,
    CONSTRAINT "FK_PermutationTests_Jobs_JobId" FOREIGN KEY ("JobId") REFERENCES "Jobs" ("Id"),
    CONSTRAINT "FK_PermutationTests_Studies_StudyId" FOREIGN KEY ("StudyId") REFERENCES "Studies" ("Id") ON DELETE CASCADE
);

CREATE TABLE "Runs" (
    "Id" INTEGER NOT NULL CONSTRAINT "PK_Runs" PRIMARY KEY AUTOINCREMENT,
    "StudyId" INTEGER NOT NULL,
    "Name" TEXT NOT NULL,
    "Width" INTEGER NOT NULL,
    "Depth" INTEGER NOT NULL,
    "Epochs" INTEGER NOT NULL,
    "WeightDecay" REAL NULL,
    "Seed" INTEGER NULL,
    "ParameterCount" INTEGER NOT NULL,
    "Options" TEXT NULL,
    "Imported" INTEGER NOT NULL,
    "InitialValidationLoss" REAL NULL,
    "ValidationLoss" REAL NULL,
    "ValidationAccuracy" REAL NULL,
    "TrainLoss" REAL NULL,
    "TokensSeen" INTEGER NULL,
    "TrainingSeconds" REAL NULL,
    "ArtifactPath" TEXT NULL,
    "CreatedAt" TEXT NOT NULL,
    "JobId" INTEGER NULL,
    CONSTRAINT "FK_Runs_Jobs_JobId" FOREIGN KEY ("JobId") REFERENCES "Jobs" ("Id"),
    CONSTRAINT "FK_Runs_Studies_StudyId" FOREIGN KEY ("StudyId") REFERENCES "Studies" ("Id") ON DELETE CASCADE
);

CREATE TABLE "PermutationTestRows" (
    "ReportId" INTEGER NOT NULL,
    "Measurement" TEXT NOT NULL,
    "Count" INTEGER NOT NULL,
    "R" REAL NULL,
    "R2" REAL NULL,
    "Spearman" REAL NULL,
    "PTwoSided" REAL NULL,
    "POneSided" REAL NULL,
    "PAdjusted" REAL NULL,
    "PLower" REAL NULL,
    "PUpper" REAL NULL,
    "Permutations" INTEGER NOT NULL,
    "Exact" INTEGER NOT NULL,
    "Histogram" TEXT NULL,
    "UndefinedReason" TEXT NULL,
    CONSTRAINT "PK_PermutationTestRows" PRIMARY KEY ("ReportId", "Measurement"),
    CONSTRAINT "FK_PermutationTestRows_PermutationTests_ReportId" FOREIGN KEY ("ReportId") REFERENCES "PermutationTests" ("Id") ON DELETE CASCADE
);

CREATE TABLE "Checkpoints" (
    "Id" INTEGER NOT NULL CONSTRAINT "PK_Checkpoints" PRIMARY KEY AUTOINCREMENT,
    "RunId" INTEGER NULL,
    "Step" INTEGER NOT NULL,
    "ArtifactPath" TEXT NOT NULL,
    "CreatedAt" TEXT NOT NULL,
    CONSTRAINT "FK_Checkpoints_Runs_RunId" FOREIGN KEY ("RunId") REFERENCES "Runs" ("Id")
);

CREATE TABLE "Analyses" (
    "Id" INTEGER NOT NULL CONSTRAINT "PK_Analyses" PRIMARY KEY AUTOINCREMENT,
    "RunId" INTEGER NULL,
    "CheckpointId" INTEGER NULL,
    "DatasetId" INTEGER NULL,
    "Options" TEXT NULL,
    "ArtifactPath" TEXT NULL,
    "SampleCount" INTEGER NULL,
    "ClassCount" INTEGER NULL,
    "CreatedAt" TEXT NOT NULL,
    "JobId" INTEGER NULL,
    CONSTRAINT "FK_Analyses_Checkpoints_CheckpointId" FOREIGN KEY ("CheckpointId") REFERENCES "Checkpoints" ("Id"),
    CONSTRAINT "FK_Analyses_Datasets_DatasetId" FOREIGN KEY ("DatasetId") REFERENCES "Datasets" ("Id"),
    CONSTRAINT "FK_Analyses_Jobs_JobId" FOREIGN KEY ("JobId") REFERENCES "Jobs" ("Id"),
    CONSTRAINT "FK_Analyses_Runs_RunId" FOREIGN KEY ("RunId") REFERENCES "Runs" ("Id")
);

CREATE TABLE "Measurements" (
    "AnalysisId" INTEGER NOT NULL,
    "Name" TEXT NOT NULL,
    "Value" REAL NULL,
    "UndefinedReason" TEXT NULL,
    CONSTRAINT "PK_Measurements" PRIMARY KEY ("AnalysisId", "Name"),
    CONSTRAINT "FK_Measurements_Analyses_AnalysisId" FOREIGN KEY ("AnalysisId") REFERENCES "Analyses" ("Id") ON DELETE CASCADE
);
CREATE INDEX "IX_Analyses_CheckpointId" ON "Analyses" ("CheckpointId");
CREATE INDEX "IX_Analyses_DatasetId" ON "Analyses" ("DatasetId");
CREATE INDEX "IX_Analyses_JobId" ON "Analyses" ("JobId");
CREATE INDEX "IX_Analyses_RunId" ON "Analyses" ("RunId");
CREATE UNIQUE INDEX "IX_ApiTokens_Hash" ON "ApiTokens" ("Hash");
CREATE INDEX "IX_Checkpoints_RunId" ON "Checkpoints" ("RunId");
CREATE INDEX "IX_Datasets_JobId" ON "Datasets" ("JobId");
CREATE UNIQUE INDEX "IX_Datasets_Name" ON "Datasets" ("Name");
CREATE INDEX "IX_JobDependencies_DependsOnJobId" ON "JobDependencies" ("DependsOnJobId");
CREATE UNIQUE INDEX "IX_Jobs_IdempotencyKey" ON "Jobs" ("IdempotencyKey");
CREATE INDEX "IX_Jobs_State_Priority" ON "Jobs" ("State", "Priority");
CREATE INDEX "IX_Jobs_StudyId" ON "Jobs" ("StudyId");
CREATE INDEX "IX_PermutationTests_JobId" ON "PermutationTests" ("JobId");
CREATE INDEX "IX_PermutationTests_StudyId" ON "PermutationTests" ("StudyId");
CREATE INDEX "IX_Runs_JobId" ON "Runs" ("JobId");
CREATE UNIQUE INDEX "IX_Runs_StudyId_Name" ON "Runs" ("StudyId", "Name");
CREATE INDEX "IX_Studies_DatasetId" ON "Studies" ("DatasetId");
CREATE UNIQUE INDEX "IX_Studies_IdempotencyKey" ON "Studies" ("IdempotencyKey");
CREATE UNIQUE INDEX "IX_Studies_Name" ON "Studies" ("Name");
