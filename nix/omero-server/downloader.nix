# OMERO.downloader, a command line for people who fetch many images: unpacked ahead, never at the start of a service.
{
  lib,
  stdenvNoCC,
  makeWrapper,
  jre,
  sources,
}:
stdenvNoCC.mkDerivation {
  pname = "omero-downloader";
  version = "0.3.3";
  src =
    sources.omero-downloader
      or (throw "the flake's input omero-downloader is not locked yet; run `nix flake lock`");
  nativeBuildInputs = [ makeWrapper ];
  dontConfigure = true;
  dontBuild = true;
  installPhase = ''
    runHook preInstall
    mkdir -p $out/share/omero-downloader $out/bin
    cp -r . $out/share/omero-downloader
    makeWrapper $out/share/omero-downloader/download.sh $out/bin/omero-downloader --prefix PATH : ${lib.makeBinPath [ jre ]}
    runHook postInstall
  '';
  meta = {
    description = "Downloads images in bulk from OMERO";
    homepage = "https://github.com/ome/omero-downloader";
    license = lib.licenses.gpl2Plus;
    mainProgram = "omero-downloader";
    platforms = lib.platforms.linux;
  };
}
