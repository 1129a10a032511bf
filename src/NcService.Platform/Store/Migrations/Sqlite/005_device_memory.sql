ALTER TABLE "Workers" ADD COLUMN "DeviceMemoryUsedBytes" INTEGER;
ALTER TABLE "Workers" ADD COLUMN "DeviceMemoryBytes" INTEGER;
