# Images without running them: their JSON, and the archive that a registry would get, twice.
{
  lib,
  pkgs,
  platform,
}:
let
  expected = import ../nix/images/config.nix { };
  images = lib.filterAttrs (_: lib.isDerivation) platform.images;

  inspect =
    name: image:
    let
      wanted = expected.${lib.removeSuffix "-image" name};
    in
    pkgs.runCommand "inspect-${name}"
      {
        nativeBuildInputs = [
          pkgs.jq
          image.copyTo
        ];
      }
      ''
        copy-to dir:$PWD/first
        copy-to dir:$PWD/second
        diff first/manifest.json second/manifest.json

        config=first/$(jq -r '.config.digest | ltrimstr("sha256:")' first/manifest.json)
        test "$(jq -r .config.User "$config")" = "${wanted.user}"
        test "$(jq -c '.config.ExposedPorts // {}' "$config")" = '${builtins.toJSON wanted.exposedPorts}'
        test "$(jq -r .created "$config")" = "0001-01-01T00:00:00Z"
        test "$(jq -r '.config.Healthcheck != null' "$config")" = "${
          lib.boolToString (wanted.healthcheck != null)
        }"

        # The layer that holds what ties an image together is small, so that an update fetches little.
        last=$(jq '.layers[-1].size' first/manifest.json)
        test "$last" -lt $((20 * 1024 * 1024))
        touch $out
      '';
in
lib.mapAttrs' (name: image: lib.nameValuePair "image-${name}" (inspect name image)) images
