# OMERO's scripts by kind: OME's official ones, OMERO.figure's, BIOP's list for CellProfiler, our Imaris export.
{
  lib,
  runCommand,
  pythonSet,
  sources,
}:
let
  inherit (pythonSet) python;
  packaged = name: "${pythonSet.${name}}/${python.sitePackages}";
  connector = "${packaged "omeroweb-imaris-connector"}/omeroweb_imaris_connector/scripts";
in
runCommand "omero-scripts" { meta.description = "Scripts that the OMERO API offers to everybody"; }
  (
    ''
      mkdir -p $out/omero/{util,export,figure}_scripts
      cp -r --no-preserve=mode ${packaged "omero-scripts"}/omero/*_scripts $out/omero/
      cp ${packaged "omero-figure"}/omero_figure/scripts/omero/figure_scripts/Figure_To_Pdf.py $out/omero/figure_scripts/
      cp ${connector}/IMS_Export.py $out/omero/export_scripts/
    ''
    + lib.optionalString (sources ? biop-scripts) ''
      cp ${sources.biop-scripts}/For-developpers/omero-py/server-scripts/Export_CellProfiler_IDs.py $out/omero/util_scripts/
    ''
  )
