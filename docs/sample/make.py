#!/usr/bin/env python3
# SPDX-License-Identifier: ISC
"""
Makes the sample record's PDF report and scanned picture, byte for byte again.
Needs nothing but Python; the record's other files are written by hand.
What the record is: README.md in this folder.
"""
import math
import os
import random
import struct
import zlib

HERE = os.path.dirname(os.path.abspath(__file__))
NOTICE = "Document fictif, écrit pour carnet : personne n'y est réel."

# (font, size, space above, text): F1 is Helvetica, F2 Helvetica-Bold
PAGES = (
    (
        ("F2", 16, 0, "Laboratoire de biologie médicale des Trois-Exemples"),
        ("F1", 10, 4, "1, place de la Fiction, 69000 Lyon"),
        ("F1", 9, 4, NOTICE),
        ("F2", 14, 26, "Compte rendu d'analyses de biologie médicale"),
        ("F1", 11, 12, "Patiente : Camille EXEMPLE, née le 14 février 1980"),
        ("F1", 11, 2, "Prélèvement du 12 janvier 2026 à 8 h 10, à jeun"),
        ("F1", 11, 2, "Prescripteur : docteur Martin EXEMPLE"),
        ("F2", 12, 20, "Hématologie"),
        ("F1", 11, 6, "Hémoglobine : 11,2 g/dL (12,0 à 16,0)"),
        ("F1", 11, 2, "Volume globulaire moyen : 78 fL (80 à 100)"),
        ("F1", 11, 2, "Plaquettes : 312 G/L (150 à 400)"),
        ("F2", 12, 20, "Biochimie"),
        ("F1", 11, 6, "Ferritine : 8,50 µg/L (15,0 à 150,0)"),
        ("F1", 11, 2, "TSH : 1,50 mUI/L (0,40 à 4,00)"),
        ("F1", 11, 2, "Potassium : 4,10 mmol/L (3,50 à 5,10)"),
        ("F2", 12, 20, "Commentaire"),
        ("F1", 11, 6,
         "La ferritine est nettement abaissée, avec une microcytose et une "
         "hémoglobine un peu basse : ce tableau est celui d'une carence en "
         "fer, à rapprocher de la clinique et des apports."),
        ("F1", 11, 8,
         "Il n'y a pas d'argument pour une dysthyroïdie. Un contrôle de la "
         "ferritine est proposé trois mois après le début du traitement, sur "
         "un prélèvement fait dans les mêmes conditions."),
    ),
    (
        ("F2", 12, 0, "Camille EXEMPLE, suite du compte rendu"),
        ("F1", 11, 14,
         "Renseignements cliniques transmis : fatigue depuis l'automne, "
         "céphalées en fin de journée, léger œdème des chevilles le soir. "
         "Pas de traitement en cours, pas d'allergie connue hormis la "
         "pénicilline (éruption à l'âge de neuf ans)."),
        ("F1", 11, 8,
         "Les valeurs entre parenthèses sont les intervalles de référence du "
         "laboratoire pour une femme adulte. Un résultat hors de "
         "l'intervalle n'est pas à lui seul le signe d'une maladie."),
        ("F1", 11, 20, "Validé le 12 janvier 2026 par Dominique MODÈLE, "
                       "biologiste"),
        ("F1", 9, 30, NOTICE),
    ),
)


def wrapped(text, size):
    """Lines that fit; Helvetica's letters are half a size wide, about."""
    room = int(470 / (size * 0.5))
    line = ""
    for word in text.split(" "):
        if line and len(line) + 1 + len(word) > room:
            yield line
            line = word
        else:
            line = f"{line} {word}" if line else word
    yield line


def page_stream(paragraphs):
    out = []
    y = 790.0
    for font, size, above, text in paragraphs:
        y -= above
        for line in wrapped(text, size):
            y -= size * 1.25
            escaped = line.encode("cp1252")
            for mark in (b"\\", b"(", b")"):
                escaped = escaped.replace(mark, b"\\" + mark)
            out.append(b"BT /%s %d Tf 62 %.1f Td (%s) Tj ET" % (
                font.encode(), size, y, escaped))
    return b"\n".join(out)


def pdf():
    """A classic PDF 1.4 with the standard fonts, nothing compressed."""
    objects = [b"<< /Type /Catalog /Pages 2 0 R /Lang (fr-FR) >>", b""]
    for name in (b"Helvetica", b"Helvetica-Bold"):
        objects.append(b"<< /Type /Font /Subtype /Type1 /BaseFont /%s "
                       b"/Encoding /WinAnsiEncoding >>" % name)
    kids = []
    for paragraphs in PAGES:
        stream = page_stream(paragraphs)
        objects.append(b"<< /Length %d >>\nstream\n%s\nendstream" % (
            len(stream), stream))
        objects.append(b"<< /Type /Page /Parent 2 0 R /MediaBox [0 0 595 842]"
                       b" /Contents %d 0 R /Resources << /Font << /F1 3 0 R"
                       b" /F2 4 0 R >> >> >>" % len(objects))
        kids.append(b"%d 0 R" % len(objects))
    objects[1] = b"<< /Type /Pages /Count %d /Kids [%s] >>" % (
        len(kids), b" ".join(kids))
    objects.append(b"<< /Title (%s) /Author (%s) "
                   b"/CreationDate (D:20260112101500+01'00') >>" % (
                       "Compte rendu d'analyses (fictif)".encode("cp1252"),
                       "carnet, documents d'exemple".encode("cp1252")))
    out = b"%PDF-1.4\n%\xe2\xe3\xcf\xd3\n"
    offsets = []
    for number, body in enumerate(objects, 1):
        offsets.append(len(out))
        out += b"%d 0 obj\n%s\nendobj\n" % (number, body)
    table = len(out)
    out += b"xref\n0 %d\n0000000000 65535 f \n" % (len(objects) + 1)
    for offset in offsets:
        out += b"%010d 00000 n \n" % offset
    out += (b"trailer\n<< /Size %d /Root 1 0 R /Info %d 0 R >>\n"
            b"startxref\n%d\n%%%%EOF\n" % (
                len(objects) + 1, len(objects), table))
    return out


# Letters of the picture, five dots wide and seven high, a row a number.
LETTERS = {
    "A": (14, 17, 17, 31, 17, 17, 17), "B": (30, 17, 17, 30, 17, 17, 30),
    "C": (14, 17, 16, 16, 16, 17, 14), "D": (30, 17, 17, 17, 17, 17, 30),
    "E": (31, 16, 16, 30, 16, 16, 31), "F": (31, 16, 16, 30, 16, 16, 16),
    "G": (14, 17, 16, 23, 17, 17, 14), "H": (17, 17, 17, 31, 17, 17, 17),
    "I": (14, 4, 4, 4, 4, 4, 14), "J": (7, 2, 2, 2, 2, 18, 12),
    "L": (16, 16, 16, 16, 16, 16, 31), "M": (17, 27, 21, 21, 17, 17, 17),
    "N": (17, 25, 25, 21, 19, 19, 17), "O": (14, 17, 17, 17, 17, 17, 14),
    "P": (30, 17, 17, 30, 16, 16, 16), "Q": (14, 17, 17, 17, 21, 18, 13),
    "R": (30, 17, 17, 30, 20, 18, 17), "S": (15, 16, 16, 14, 1, 1, 30),
    "T": (31, 4, 4, 4, 4, 4, 4), "U": (17, 17, 17, 17, 17, 17, 14),
    "V": (17, 17, 17, 17, 17, 10, 4), "X": (17, 17, 10, 4, 10, 17, 17),
    "Y": (17, 17, 10, 4, 4, 4, 4), "0": (14, 17, 19, 21, 25, 17, 14),
    "1": (4, 12, 4, 4, 4, 4, 14), "2": (14, 17, 1, 6, 8, 16, 31),
    "3": (30, 1, 1, 14, 1, 1, 30), "6": (14, 16, 16, 30, 17, 17, 14),
    "8": (14, 17, 17, 14, 17, 17, 14), ".": (0, 0, 0, 0, 0, 12, 12),
    ",": (0, 0, 0, 0, 12, 4, 8), "-": (0, 0, 0, 14, 0, 0, 0),
    ":": (0, 12, 12, 0, 12, 12, 0), " ": (0, 0, 0, 0, 0, 0, 0),
}
WIDTH, HEIGHT = 620, 877  # A4 at 75 dots an inch


def picture():
    """Rows of grey levels, 0 to 15: a page that went through a scanner."""
    chance = random.Random(1980)
    rows = [bytearray(15 if chance.random() < 0.93 else 14
                      for _ in range(WIDTH)) for _ in range(HEIGHT)]

    def ink(x, y):
        x += y // 110  # the sheet lay a little askew
        if 0 <= x < WIDTH and 0 <= y < HEIGHT:
            rows[y][x] = chance.randrange(1, 5)

    def write(x, y, size, text):
        for letter in text:
            for down, dots in enumerate(LETTERS[letter]):
                for right in range(5):
                    if dots >> (4 - right) & 1:
                        for i in range(size * size):
                            ink(x + right * size + i % size,
                                y + down * size + i // size)
            x += 6 * size

    def line(x, y, length):
        for i in range(length):
            ink(x + i, y)

    write(60, 70, 3, "DOCTEUR MARTIN EXEMPLE")
    write(60, 100, 2, "MEDECIN GENERALISTE, LYON")
    line(60, 130, 500)
    write(60, 150, 2, "LYON, 13.01.2026")
    write(60, 190, 2, "CAMILLE EXEMPLE")
    write(180, 250, 4, "ORDONNANCE")
    write(60, 330, 2, "FER 80 MG :")
    write(60, 360, 2, "1 COMPRIME PAR JOUR, 3 MOIS")
    line(60, 400, 420)
    write(60, 430, 2, "FERRITINE A REFAIRE DANS 3 MOIS")
    for step in range(1800):  # the signature
        x = step / 10
        ink(360 + int(x + 9 * math.sin(x / 5)),
            620 + int(16 * math.cos(x / 7) - x / 9))
    write(60, 800, 2, "SPECIMEN : DOCUMENT FICTIF")
    for _ in range(900):  # dust
        ink(chance.randrange(WIDTH), chance.randrange(HEIGHT))
    return rows


def png():
    def chunk(kind, body):
        return (struct.pack(">I", len(body)) + kind + body
                + struct.pack(">I", zlib.crc32(kind + body)))

    data = b"".join(
        b"\0" + bytes(row[i] << 4 | row[i + 1] for i in range(0, WIDTH, 2))
        for row in picture())
    return (b"\x89PNG\r\n\x1a\n"
            + chunk(b"IHDR", struct.pack(">IIBBBBB", WIDTH, HEIGHT, 4, 0,
                                         0, 0, 0))
            + chunk(b"pHYs", struct.pack(">IIB", 2953, 2953, 1))
            + chunk(b"tEXt", b"Comment\0Document fictif, fait pour carnet")
            + chunk(b"IDAT", zlib.compress(data, 9))
            + chunk(b"IEND", b""))


def main():
    for name, content in (("compte-rendu.pdf", pdf()),
                          ("ordonnance-scan.png", png())):
        with open(os.path.join(HERE, name), "wb") as file:
            file.write(content)


if __name__ == "__main__":
    main()
