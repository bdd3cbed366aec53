"""Scientific names that contain a hyphen, as data.

`TERMS` lists whole names. `SHAPES` lists families of names by the word before the hyphen and the word after it; both
words have to fit. A word is a run of letters and digits. Case counts unless a shape says otherwise.
"""

from __future__ import annotations

from dataclasses import dataclass

LISTED = """
5-HT 5-HT1A 5-HT1B 5-HT2A 5-HT2B 5-HT2C 5-HT3 5-HT3A 5-HT4 5-HT6 5-HT7 5-HTP 5-HTT 5-HIAA 5-FU 5-ALA 5-mC
5-hmC 5-aza 5-Aza 5-BrdU 5-EU 5-FOA 5-LOX 6-OHDA 6-MP 6-TG 6-BA 6-BAP 6-AN 7-AAD 7-KC 8-Br 8-OHdG 8-oxoG
8-bromo 2-DG 2-AG 2-APB 2-ME 2-ME2 2-HG 2-NBDG 2-AA 2-BP 3-MA 3-AT 3-BP 3-NP 3-HB 3-AP 4-AP 4-HNE 4-OHT 4-MU
4-PBA 4-CMC 4-NQO 4-HT 4-OI 1-MT 1-NM-PP1 1-MCP 1-EBIO 12-HETE 15-HETE 19-HETE 20-HETE 5-HETE 8-HETE 11-HETE
20-OH 15-PGJ2 17-AAG 17-DMAG 24-HC 25-HC 27-HC 9-cis 11-cis 13-cis 8-pCPT 2-D 3-D 18-FDG IL-1 IL-1a IL-1b
IL-1alpha IL-1beta IL-1RA IL-2 IL-3 IL-4 IL-5 IL-6 IL-6R IL-7 IL-8 IL-9 IL-10 IL-11 IL-12 IL-13 IL-15 IL-17
IL-17A IL-18 IL-21 IL-22 IL-23 IL-27 IL-33 TNF-a TNF-alpha TNF-R1 IFN-a IFN-b IFN-g IFN-alpha IFN-beta
IFN-gamma TGF-a TGF-b TGF-b1 TGF-b2 TGF-beta TGF-beta1 TGF-beta2 TGF-alpha NF-kB NF-kappaB NF-H NF-M NF-L
NF-Y M-CSF G-CSF GM-CSF VEGF-A VEGF-C PDGF-BB PDGF-AA FGF-2 FGF-4 FGF-8 FGF-10 BMP-2 BMP-4 BMP-7 IGF-1 IGF-2
IGF-1R EGF-R SDF-1 MCP-1 MIP-2 GLP-1 GLP-1R PD-1 PD-L1 PD-L2 CTLA-4 LAG-3 TIM-3 ICAM-1 VCAM-1 PECAM-1 HLA-A
HLA-B HLA-C HLA-DR HLA-G MHC-I MHC-II BCL-2 Bcl-2 Bcl-xL Bcl-6 Mcl-1 Bak-1 COX-1 COX-2 HIF-1 HIF-1a HIF-2a
MMP-1 MMP-2 MMP-3 MMP-9 MMP-13 MMP-14 TIMP-1 Ki-67 KI-67 Sox-2 SOX-2 Oct-4 OCT-4 Pax-6 GATA-3 GATA-4 Nkx2-1
Nkx2-5 ZO-1 ZO-2 Iba-1 PSD-95 SNAP-25 VAMP-2 SAP-97 GAD-65 GAD-67 TDP-43 LAMP-1 LAMP-2 EEA-1 GM-130 TOM-20
COX-IV HSP-70 HSP-90 TRP-1 CAR-T CAR-NK TCR-seq RNA-seq scRNA-seq ChIP-seq ATAC-seq CUT-RUN RT-PCR RT-qPCR
qRT-PCR Co-IP co-IP Co-IPs SARS-CoV-2 SARS-CoV MERS-CoV COVID-19 HSV-1 HSV-2 HIV-1 HIV-2 HTLV-1 HPV-16
HPV-18 HHV-8 AAV-PHP MCF-7 MCF-10A MCF-12A HEK-293 HEK-293T HEK-293FT HEK-293A MDA-MB-231 MDA-MB-468
MDA-MB-435 MDA-MB-453 SK-BR-3 SK-N-SH SK-MEL-28 SK-OV-3 THP-1 RAW-264 CACO-2 Caco-2 HT-29 HT-1080 HT-22
HCT-116 PC-3 PC-9 PC-12 A-431 A-549 SH-SY5Y COS-1 COS-7 Cos-7 NIH-3T3 3T3-L1 Hep-G2 HL-60 K-562 Neuro-2a
Neuro-2A BV-2 Vero-E6 ARPE-19 hTERT-RPE1 RPE-1 U-2-OS U2-OS U-87 U-87MG U-251 U-937 CHO-K1 LN-229 LN-18
BT-474 BT-549 T-47D T-REx MIN-6 INS-1 INS-1E WI-38 IMR-90 BJ-5ta MRC-5 LLC-PK1 LLC-MK2 MDCK-II BHK-21 Sf-9
Sf-21 SW-480 SW-620 DLD-1 LS-174T OVCAR-3 OVCAR-8 NCI-H460 BxPC-3 PANC-1 MIA-PaCa AsPC-1 LNCaP-C4 DU-145
22Rv1-AR NT-2 Ntera-2 B16-F10 B16-F1 4T1-luc EMT-6 L-929 Kc-167 J774-A1 ES-D3 E14-TG2a iPSC-CM hiPSC-CM
iPS-CM hESC-CM C57BL-6 C57BL-6J C57Bl-6 BALB-c TX-100 Triton-X Tween-20 Tween-80 NP-40 CHAPS-O BODIPY-FL
DiI-C18 DiI-LDL Dil-LDL Hoechst-33342 Hoechst-33258 DRAQ-5 DRAQ-7 SYTO-9 SYTOX-green TO-PRO-3 TO-PRO
YO-PRO-1 YO-PRO BOBO-3 POPO-3 SYBR-green SiR-DNA SiR-tubulin SiR-actin SPY-DNA FITC-dextran TRITC-dextran
FITC-phalloidin TRITC-phalloidin PerCP-Cy5 PE-Cy5 PE-Cy7 APC-Cy7 APC-H7 Fura-2 Fluo-3 Fluo-4 Fluo-8 Indo-1
Rhod-2 Rhod-3 JC-1 Mag-Fura Calcein-AM calcein-AM GCaMP6-s GCaMP6-f jRCaMP1-b Opal-520 Opal-570 Opal-620
Opal-690 mEos3-2 PA-GFP PS-CFP2 PA-mCherry c-Myc c-myc N-Myc N-myc L-Myc c-Fos c-fos c-Jun c-jun c-Kit c-kit
c-Met c-met c-Src c-src v-Src v-src c-Abl c-Raf B-Raf A-Raf H-Ras K-Ras N-Ras R-Ras v-ATPase V-ATPase
H-ATPase Na-K-ATPase L-NAME L-NMMA L-NIO D-AP5 D-APV DL-AP5 DL-TBOA L-AP4 L-DOPA L-dopa DMEM-F12 B-27
Y-27632 SB-431542 SB-203580 LY-294002 U-0126 U-73122 PD-98059 PD-0325901 CHIR-99021 GSK-3 GSK-3a GSK-3b
CK-666 SMI-FH2 Z-VAD Z-VAD-FMK zVAD-fmk Q-VD-OPh MG-132 BAPTA-AM Jasp-LR Lat-A Lat-B LatA-LatB CCCP-FCCP
PP-2 PP-242 AZD-8055 SU-5402 DAPT-GSI XAV-939 IWP-2 IWR-1 TTX-R ω-CTX poly-L-lysine Poly-L-lysine
Poly-L-Lysine poly-D-lysine Poly-D-lysine Poly-D-Lysine poly-L-ornithine Poly-L-ornithine poly-HEMA PEG-DA
PEG-400 PEG-8000 PLL-PEG PLL-g-PEG N-WASP N-Wasp N-CAM R-spondin P-body P-bodies Q-dot Q-dots X-gal X-Gal
X-ray X-rays x-ray x-rays Y-maze I-SceI in-situ in-vivo in-vitro ex-vivo ex-situ wild-type Wild-type
knock-out knock-in knock-down Knock-out Knock-in double-KO co-culture co-localization Co-culture pre-treated
post-treated un-treated non-treated non-targeting non-infected mock-infected time-lapse Time-lapse
time-course time-series time-point long-term short-term live-cell Live-cell fixed-cell single-cell
Single-cell single-molecule whole-mount Whole-mount whole-cell whole-slide half-life half-time wide-field
Wide-field light-sheet Light-sheet bright-field Bright-field dark-field Dark-field phase-contrast
Phase-contrast super-resolution two-photon Two-photon 2-photon 3-photon multi-photon spinning-disk
Spinning-disk spinning-disc lattice-SIM Airy-scan 3D-SIM 2D-SIM 3D-STORM d-STORM 3D-SR HT-SMLM DNA-PAINT
Exchange-PAINT Live-SIM SIM-TIRF TIRF-SIM cryo-EM Cryo-EM cryo-ET Cryo-ET cryo-FIB Cryo-FIB FIB-SEM SBF-SEM
BSE-SEM SEM-EDX SEM-EDS STEM-EDX STEM-EDS HAADF-STEM ADF-STEM HR-TEM HR-STEM TOF-SIMS AFM-IR FTIR-ATR
micro-CT Micro-CT nano-CT nano-SIMS beta-III-tubulin epsilon-toxin Angio-II Ang-II ET-1 NPY-R1 CCK-8 CCK-4
PGE-2 LTB-4 TXA-2 cAMP-Epac NAD-H ATP-gS GTP-gS AMP-PNP GMP-PNP S-phase M-phase G1-phase G2-phase G2-M G1-S
G0-G1 Mg-ATP Ca-free K-free Na-free P-selectin E-selectin L-selectin S-nitroso S-nitrosylation O-GlcNAc
O-GlcNAcylation N-glycan N-glycans O-glycan O-glycans N-acetylcysteine N-acetyl N-methyl N-ethylmaleimide
H-bond H-bonds S-bond C-bond pan-actin pan-cadherin pan-cytokeratin pan-neuronal pan-Trk Cre-ERT2 Cre-ER
Cre-lox Cre-loxP Tet-on Tet-off Tet-On Tet-Off Gal4-UAS UAS-GFP auxin-degron dTAG-13 dTAG-V1 H-E F4-80
exendin-4 Exendin-4 DAF-FM whole-brain A-83-01 FM-1-43 FM-4-64 Fluo-4-AM Fura-2-AM Rhod-2-AM 14-3-3
"""
TERMS = tuple(LISTED.split())

FLUORESCENT_PROTEIN = r"(?:E|e|s[fF]|m|tag|Tag|td|Td)?(?:GFP|RFP|YFP|CFP|BFP)|m?Cherry|td?[Tt]omato|m?Venus|m?Ruby\d?|mScarlet|m?NeonGreen|Dendra2?|mEos\d?|mKate2?|iRFP\d*|mTurquoise2?|HaloTag|Halo|SNAP|CLIP"
TAGGED_PROTEIN = r"LC3B?|H2[AB]|Life[Aa]ct|[Tt]ubulin|[Aa]ctin|Rab\d+[AB]?|EB[13]|Centrin|CAAX|NLS|KDEL|Sec61|LAMP[12]|TOM20|Mito|mito|paxillin|Paxillin|vinculin|Vinculin|utrophin|Utrophin|UtrCH|Ftractin|Tractin|KRas|HRas|PCNA|LaminB1|LMNB1|tagged|fusion|positive|negative|trap|reporter|expressing"
GREEK_NAMED = r"SMA|[Aa]ctin|[Aa]ctinin|[Tt]ubulin|[Ss]ynuclein|[Cc]atenin|[Bb]ungarotoxin|[Aa]manitin|[Ff]actor|fetoprotein|[Cc]ells?|[Aa]myloid|[Aa]rrestin|[Gg]al|galactosidase|[Gg]lobin|mercaptoethanol|H2A[Xx]|[Ss]ecretase|[Oo]pioid|light|toxin|phage|ketoglutarate"
AMINO_ACIDS = r"alanine|arginine|asparagine|aspartate|aspartic|cysteine|glutamate|glutamic|glutamine|histidine|isoleucine|leucine|lysine|methionine|ornithine|phenylalanine|proline|serine|threonine|tryptophan|tyrosine|valine|carnitine|kynurenine|lactate|lactic|arabinose|glucose|galactose|mannitol|mannose|ribose|fructose|fucose|luciferin|penicillamine|sorbitol|xylose"
DEUTERATED = r"DMSO|dmso|DMF|THF|[Aa]cetone|[Aa]cetonitrile|[Mm]ethanol|MeOH|[Ee]thanol|EtOH|[Bb]enzene|[Tt]oluene|[Cc]hloroform|[Pp]yridine|[Dd]ioxane|[Gg]lycerol|[Gg]lucose|[Pp]almitate|[Cc]holesterol|[Pp]henol|TFA"
PHOSPHO = r"ERK\d?|Erk\d?|AKT\d?|Akt\d?|S6K?\d?|MEK\d?|JNK\d?|p38|p53|p65|STAT\d[AB]?|Stat\d|SMAD\d|Smad\d|EGFR|FAK|Src|[Tt]au|TAU|CREB|mTOR|AMPK|ACC|MLC2?|H2AX|H3|HH3|Rb|RB|GSK3b?|cofilin|Cofilin|[Pp]axillin|[Tt]yrosine|TBK1|IRF3|histone|Histone|Tyr|Ser|Thr|4EBP1|LATS1|YAP|vimentin"


@dataclass(frozen=True, slots=True)
class Shape:
    """A family of hyphenated names: patterns for the whole word left and right of the hyphen.

    Both patterns use only what Python's `re` and `regex` share, and no groups that capture.
    """

    reason: str
    left: str
    right: str
    example: str


SHAPES = (
    Shape("deuterated compound", DEUTERATED, r"d\d{0,2}", "DMSO-d6"),
    Shape("immune or stem cell", r"T|B|NK|NKT|Th\d{1,2}|iPS|ES|hES|mES|HS|[Ss]tem|CHO|HeLa|CAR", r"[Cc]ells?", "T-cell"),
    Shape(
        "axis of a stack",
        r"[ZzTtCcXxYy]|XY|XZ|YZ|xy|xz|yz",
        r"(?:[Ss]tack|[Ss]eries|[Pp]lane|[Pp]rojection|[Ss]lice|[Ss]can|[Ss]ection|[Pp]rofile|[Pp]rojected|[Aa]xis)s?|"
        r"[Dd]rift|[Dd]rive|STACK|SERIES|PLANE|PROJECTION",
        "Z-stack",
    ),
    Shape(
        "objective",
        r"\d{1,3}[xX]|[xX]",
        r"(?:[Oo]bjective|OBJECTIVE|[Oo]il|OIL|[Ww]ater|WATER|[Ll]ens|[Aa]ir|[Dd]ry|[Gg]lycerol|[Ss]ilicone|[Ii]mmersion|[Mm]ag)",
        "20x-objective",
    ),
    Shape(
        "light of one wavelength",
        r"[3-9]\d{2}(?:nm)?|1[0-3]\d{2}(?:nm)?|nm",
        r"(?:[Ll]aser|[Cc]hannel|[Ff]ilter|[Ee]xcitation|[Ee]mission|[Ll]ine|LED|led)",
        "488nm-laser",
    ),
    Shape(
        "end or bond of a molecule",
        r"[NOHSC]|amino|carboxy",
        r"(?:[Tt]erminus|[Tt]ermini|[Tt]erminal|[Tt]erminally|[Tt]erm|[Bb]ond|[Bb]onds|[Ll]inked|[Gg]lycosylated|[Gg]lycosylation)",
        "N-terminus",
    ),
    Shape("statistics", r"[tTFfzZUu]|chi|log", r"(?:[Tt]est|[Ss]core|square|squared|rank|transformed)", "t-test"),
    Shape("statistics", r"[pPqQ]", r"(?:[Vv]alue|[Vv]alues)", "p-value"),
    Shape("antibody", r"[Aa]nti", r"[A-Za-z][A-Za-z0-9]*", "anti-GFP"),
    Shape("species of an antibody", r"[Gg]oat|[Rr]abbit|[Mm]ouse|[Dd]onkey|[Rr]at|[Cc]hicken", r"anti", "goat-anti-mouse"),
    Shape("fluorescent protein", r"P|p|PA|pa|PS|mt|ER|NLS|CAAX|" + TAGGED_PROTEIN, FLUORESCENT_PROTEIN, "LifeAct-GFP"),
    Shape("fluorescent protein", FLUORESCENT_PROTEIN, TAGGED_PROTEIN, "GFP-LC3"),
    Shape(
        "dye with its number",
        r"AF|Alexa|alexa|AlexaFluor|Alexafluor|Fluor|ATTO|Atto|atto|DyLight|Dylight|CF|JF|STAR|Star|BODIPY|Abberior|iFluor|"
        r"eFluor|Oregon|MitoTracker|Qdot|QD|Janelia",
        r"[3-9]\d{2}[A-Z]?",
        "Alexa-488",
    ),
    Shape("dye with its number", r"Cy|CY|cy", r"[2357](?:\.?5)?[A-Z]?", "Cy-5"),
    Shape("dye and where it goes", r"MitoTracker|LysoTracker|ERTracker|CellTracker|ER|Lyso|Mito|Cell|CellMask", r"(?:[Rr]ed|[Gg]reen|[Dd]eep|[Tt]racker|Tracker|[Oo]range)", "MitoTracker-Red"),
    Shape("stereoisomer", r"[DL]|DL", AMINO_ACIDS, "L-glutamine"),
    Shape("phosphorylated protein", r"p|phospho|Phospho|pan", PHOSPHO, "p-ERK"),
    Shape("adhesion protein", r"[ENPTRKM]|VE|OB", r"[Cc]adherin\d?", "E-cadherin"),
    Shape("Greek letter", r"alpha|beta|gamma|delta|kappa|[αβγδκλ]|[abg]", GREEK_NAMED, "alpha-SMA"),
    Shape("amount per volume", r"\d+(?:[fpnumµμ]?(?:g|mol|M)|k?U|IU|cells)", r"(?:[mudµμ]?[lL]|kg|well)", "10ng-mL"),
    Shape("type of collagen", r"[Cc]ollagen|[Cc]ol|[Tt]ype", r"(?:I{1,3}|IV|VI?)", "collagen-IV"),
    Shape("multiple", r"\d{1,3}|n", r"fold", "2-fold"),
    Shape("actin", r"[FG]", r"[Aa]ctin", "F-actin"),
    Shape("caspase", r"[Cc]asp(?:ase)?|[Cc]leaved", r"(?:[1-9]|1[0-4]|[Cc]aspase|PARP)", "caspase-3"),
    Shape("isotope", r"1[345][CN]|[23]H|18[FO]|32P|35S", r"(?:[Gg]lucose|[Gg]lutamine|labell?ed|leucine|serine|FDG|water)", "13C-glucose"),
)  # fmt: skip

# Only three words in a row show that this is one value.
YEAR, MONTH, DAY = r"(?:19|20)\d{2}", r"(?:0[1-9]|1[0-2])", r"(?:0[1-9]|[12]\d|3[01])"
DATES = ((YEAR, MONTH, DAY), (DAY, MONTH, YEAR))
