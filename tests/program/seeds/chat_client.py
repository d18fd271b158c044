# A tutorial's client, written as Python 3; the port comes from the command line. Two repairs: it took its own child
# (pid 0) for a failed fork, and at the other's end a child went on into the loop, forking without end.
from socket import *
import os
import sys

HOST='127.0.0.1'
PORT=int(sys.argv[1])   #服务器端口号
BUFSIZ=1024   #缓冲区大小
ADDR=(HOST,PORT)   #ip和端口构成地址

tcpCliSock=socket(AF_INET,SOCK_STREAM)   #生成新的socket对象
tcpCliSock.connect(ADDR)  #连接服务器

def parent():   #定义子函数
        while True:
                pid=os.fork()    #fork函数产生子进程
                if pid<0:
                        print("fork failed!")
                        break
                elif pid==0:#进入子进程
                        child()
                else:
                        datasend=input('client:')
                        if not datasend:
                                break
                        tcpCliSock.send(datasend.encode())  #send函数发送数据
                        print("send to server %s" %datasend)
def child():
        while True:
                data=tcpCliSock.recv(BUFSIZ) #recv函数接收数据
                if not data:
                        break
                print("From server: ")
                print(data.decode())
                print('client:')
        os._exit(0)
if __name__=='__main__':
        parent()
        tcpCliSock.close()   #关闭连接
