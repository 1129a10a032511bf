# syntax=docker/dockerfile:1
# NcService on Debian 12 with Debian's CPU build of libtorch.
# Needs the .NET 10 SDK for linux-x64, as Microsoft publishes it, in this folder as dotnet-sdk.tar.gz.

FROM debian:12 AS build
ADD dotnet-sdk.tar.gz /usr/share/dotnet/
ENV PATH=$PATH:/usr/share/dotnet DOTNET_CLI_TELEMETRY_OPTOUT=1 DOTNET_NOLOGO=1
RUN apt-get update -qq && apt-get install -y -qq --no-install-recommends ca-certificates git make
WORKDIR /source
# The packages change seldom, so their layer is kept apart from the sources'.
COPY scripts scripts
RUN scripts/setup run
COPY . .
RUN dotnet publish src/NcService.Web -c Release -o /app/web \
 && dotnet publish src/NcService.Worker -c Release -o /app/worker \
 && dotnet publish src/NcService.Cli -c Release -o /app/cli

FROM debian:12-slim
RUN apt-get update -qq \
 && apt-get install -y -qq --no-install-recommends ca-certificates libtorch1.13 libopenblas0-openmp \
 && rm -rf /var/lib/apt/lists/* \
 && useradd --create-home --uid 1000 ncservice \
 && install -d -o ncservice /data
COPY --from=build /usr/share/dotnet/dotnet /usr/share/dotnet/
COPY --from=build /usr/share/dotnet/host /usr/share/dotnet/host
COPY --from=build /usr/share/dotnet/shared /usr/share/dotnet/shared
COPY --from=build /source/assets /app/assets
COPY --from=build /app /app
COPY appsettings.json /app/web/
ENV PATH=$PATH:/usr/share/dotnet DOTNET_NOLOGO=1 NcService__DataDirectory=/data NCSERVICE_ASSETS=/app/assets
USER ncservice
VOLUME /data
WORKDIR /app/web
ENTRYPOINT ["dotnet", "NcService.Web.dll"]
