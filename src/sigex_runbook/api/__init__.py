"""The HTTP channel: the service's API as an employee (cookie) or an information system (mTLS).

Source: sigex-facts 3 (known unless marked there).
"""
