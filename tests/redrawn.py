"""A plugin of pytest: what nbval runs anew must also look as it is saved.

nbval compares the words of a picture, and not its pixels. ``-p tests.redrawn`` compares these
too, as far as machines agree on them. Where they do not, as on a run that a last bit decides, a
cell has the tag `varies`, and its words alone count.
"""

from nbval import plugin

from teaching.notebooks import alike, pictures

compare_words = plugin.IPyNbCell.compare_outputs


def compare_outputs(cell, test, ref, skip_compare=None):
    """Compare outputs as nbval does, then pictures; tell nbval what differs."""
    if not compare_words(cell, test, ref, skip_compare):
        return False
    if "varies" in cell.cell.metadata.get("tags", ()):
        return True
    pairs = zip(pictures({"outputs": test}), pictures({"outputs": ref}), strict=True)
    for number, (new, saved) in enumerate(pairs, 1):
        if not alike(new["data"]["image/png"], saved["data"]["image/png"]):
            words = new["data"]["text/plain"]
            cell.comparison_traceback.append(
                f"picture {number} of the cell looks other than the saved one: {words}"
            )
            return False
    return True


plugin.IPyNbCell.compare_outputs = compare_outputs
