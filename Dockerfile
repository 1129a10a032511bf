# syntax=docker/dockerfile:1
# Two images of the same programs, both on Debian 12:
#   docker build --target cpu  -t ncservice:cpu  .    Debian's build of libtorch; runs everywhere (the default)
#   docker build --target cuda -t ncservice:cuda .    the TorchSharp packages with their CUDA libraries; needs an NVIDIA driver and its container toolkit
# /app/web is the server (and holds NcService.Worker, the program of worker nodes and of the jobs' processes), /app/cli is ncctl, /app/assets what they read.

FROM mcr.microsoft.com/dotnet/sdk:10.0 AS sdk
FROM mcr.microsoft.com/dotnet/aspnet:10.0 AS runtime

FROM debian:12 AS sources
COPY --from=sdk /usr/share/dotnet /usr/share/dotnet
ENV PATH=$PATH:/usr/share/dotnet DOTNET_CLI_TELEMETRY_OPTOUT=1 DOTNET_NOLOGO=1 DOTNET_SYSTEM_GLOBALIZATION_INVARIANT=1
RUN apt-get update -qq && apt-get install -y -qq --no-install-recommends ca-certificates git make npm
WORKDIR /source
COPY . .

FROM sources AS build-cpu
# libtorch, OpenBLAS and the compiler; then the data files.
RUN scripts/setup run
RUN scripts/publish /app

FROM sources AS build-cuda
RUN scripts/fetch-data
RUN scripts/publish /app -p:TorchBackend=TorchSharp -p:TorchDevice=cuda

FROM debian:12-slim AS base
COPY --from=runtime /usr/share/dotnet /usr/share/dotnet
RUN apt-get update -qq \
 && apt-get install -y -qq --no-install-recommends ca-certificates \
 && rm -rf /var/lib/apt/lists/* \
 && useradd --create-home --uid 1000 ncservice \
 && install -d -o ncservice /data
ENV PATH=$PATH:/usr/share/dotnet DOTNET_NOLOGO=1 DOTNET_SYSTEM_GLOBALIZATION_INVARIANT=1 NcService__DataDirectory=/data
VOLUME /data
WORKDIR /app/web
EXPOSE 5080
ENTRYPOINT ["dotnet"]
CMD ["NcService.Web.dll", "--urls", "http://0.0.0.0:5080"]

FROM base AS cuda
ENV NVIDIA_VISIBLE_DEVICES=all NVIDIA_DRIVER_CAPABILITIES=compute,utility
RUN apt-get update -qq && apt-get install -y -qq --no-install-recommends libgomp1 && rm -rf /var/lib/apt/lists/*
COPY --from=build-cuda /app /app
USER ncservice

FROM base AS cpu
RUN apt-get update -qq && apt-get install -y -qq --no-install-recommends libtorch1.13 libopenblas0-openmp && rm -rf /var/lib/apt/lists/*
COPY --from=build-cpu /app /app
USER ncservice
