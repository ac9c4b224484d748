# The program in a container of about 150 MB:
#
#     docker build --tag zerolab .
#     docker run --rm --user "$(id -u)" --volume "$PWD:/work" zerolab run figure_3_left
#
# Also for podman and buildah.

FROM docker.io/library/swift:6.3-bookworm AS build
RUN apt-get update -qq && apt-get install -y -qq --no-install-recommends make python3
COPY . /source
WORKDIR /source
RUN make dist && mkdir /program && tar -xf .build/dist/zerolab-*-linux-x86_64.tar.gz --strip-components=1 -C /program

FROM docker.io/library/debian:bookworm-slim
COPY --from=build /program /usr/local
WORKDIR /work
ENTRYPOINT ["zerolab"]
