from tests.matrix import Row

MATRIX = [Row("audit:record", owner=403, colleague=403, manager=403, hrbp=403)]
