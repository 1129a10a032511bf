ALTER TABLE "Workers" ADD COLUMN "DeviceMemoryUsedBytes" bigint;
ALTER TABLE "Workers" ADD COLUMN "DeviceMemoryBytes" bigint;
