"""(sign to be written)"""
