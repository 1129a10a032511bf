-- Folders whose rows were deleted: the files follow after the commit, or at the next sweep.
CREATE TABLE "DeletedArtifacts" (
    "Path" text NOT NULL,
    "DeletedAt" timestamp with time zone NOT NULL,
    CONSTRAINT "PK_DeletedArtifacts" PRIMARY KEY ("Path")
);
