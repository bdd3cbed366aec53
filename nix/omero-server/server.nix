# The distribution of OMERO.server, read-only. It writes into its own tree, so `omero_platform.hosted server` lays it
# out anew beside its state and starts it from there.
{
  lib,
  stdenvNoCC,
  stack,
  sources,
}:
stdenvNoCC.mkDerivation {
  pname = "omero-server";
  version = stack.versions.omeroserver;
  src =
    sources.omero-server
      or (throw "the flake's input omero-server is not locked yet; run `nix flake lock`");
  dontConfigure = true;
  dontBuild = true;
  dontFixup = true; # Java and its properties; nothing in it names the store

  installPhase = ''
    runHook preInstall
    mkdir -p $out/share
    cp -r . $out/share/omero-server
    runHook postInstall
  '';

  doInstallCheck = true;
  installCheckPhase = ''
    test -d $out/share/omero-server/lib/server
    test -f $out/share/omero-server/etc/omero.properties
  '';

  meta = {
    description = "OMERO.server, the Java server of the Open Microscopy Environment";
    homepage = "https://www.openmicroscopy.org/omero";
    license = lib.licenses.gpl2Plus;
    sourceProvenance = [ lib.sourceTypes.binaryBytecode ];
    platforms = lib.platforms.linux;
  };
}
