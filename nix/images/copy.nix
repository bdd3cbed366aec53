# How an image leaves the store. OCI's format, which nix2container writes, has no health check and Docker's has: on the
# way the image becomes one of Docker's format and gets its check, which Docker and podman then show and obey.
{
  lib,
  writeShellApplication,
  writeText,
  skopeo,
  jq,
}:
image: healthcheck:
let
  health = writeText "healthcheck.json" (builtins.toJSON healthcheck);

  copy =
    name: destinations:
    writeShellApplication {
      inherit name;
      runtimeInputs = [
        image.copyTo
        skopeo
        jq
      ];
      text = ''
        work=$(mktemp -d)
        trap 'rm -rf "$work"' EXIT
        copy-to --format v2s2 "dir:$work"

        config=$work/$(jq -r '.config.digest | ltrimstr("sha256:")' "$work/manifest.json")
        jq -c --slurpfile health ${health} '.config.Healthcheck = $health[0]' "$config" > "$work/config"
        rm "$config"
        digest=$(sha256sum "$work/config" | cut -d ' ' -f 1)
        mv "$work/config" "$work/$digest"
        jq -c --arg digest "sha256:$digest" --argjson size "$(stat -c %s "$work/$digest")" \
          '.config.digest = $digest | .config.size = $size' "$work/manifest.json" > "$work/changed"
        mv "$work/changed" "$work/manifest.json"

        skopeo --insecure-policy copy "dir:$work" ${destinations} "$@"
      '';
    };
  target = "${image.imageName}:${image.imageTag}";
in
image
// lib.optionalAttrs (healthcheck != null) {
  copyTo = copy "copy-to" "";
  copyToDockerDaemon = copy "copy-to-docker-daemon" "docker-daemon:${target}";
  copyToPodman = copy "copy-to-podman" "containers-storage:${target}";
  copyToRegistry = copy "copy-to-registry" "docker://${target}";
}
