# ImarisConvertBioformats, for sites that want Bitplane's own converter beside the platform's: built ahead, never at the
# start of a service. nixpkgs dropped FreeImage, which it needs, for its vulnerabilities: a site that accepts those brings it,
# and this is not among the checked packages.
{
  lib,
  stdenv,
  cmake,
  boost,
  hdf5,
  zlib,
  lz4,
  jdk17_headless,
  sources,
  freeImage ? throw ''
    imarisConvert needs FreeImage, which nixpkgs has no more. Give a package with its library and header:
    imarisConvert.override { freeImage = …; }
  '',
}:
stdenv.mkDerivation {
  pname = "imaris-convert-bioformats";
  version = "1.0.0";
  src = sources.imaris-convert;
  sourceRoot = "source/ImarisConvertBioformats";
  nativeBuildInputs = [ cmake ];
  buildInputs = [
    boost
    hdf5
    zlib
    lz4
    freeImage
    jdk17_headless
  ];

  # The two repositories expect each other side by side, and one header leaves out what newer compilers insist on.
  postUnpack = ''
    cp -r --no-preserve=mode ${sources.imaris-writer} source/ImarisWriter
    chmod -R u+w source
  '';
  env.CXXFLAGS = "-include cstdint -include string";
  cmakeFlags = [
    (lib.cmakeFeature "CMAKE_BUILD_TYPE" "Release")
    (lib.cmakeFeature "CMAKE_POLICY_VERSION_MINIMUM" "3.5") # its own files are older than what CMake 4 reads
  ];

  meta = {
    description = "Converts microscopy files to Imaris' format";
    homepage = "https://github.com/imaris/ImarisConvertBioformats";
    license = lib.licenses.gpl3Plus;
    mainProgram = "ImarisConvertBioformats";
    platforms = lib.platforms.linux;
  };
}
