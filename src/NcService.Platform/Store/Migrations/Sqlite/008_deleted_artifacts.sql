-- Folders whose rows were deleted: the files follow after the commit, or at the next sweep.
CREATE TABLE "DeletedArtifacts" (
    "Path" TEXT NOT NULL CONSTRAINT "PK_DeletedArtifacts" PRIMARY KEY,
    "DeletedAt" TEXT NOT NULL
);
